-- What the inbox's scripts share. All keys are in one hash slot:
--   messages  hash  entry -> message as JSON; an entry is "conversation:number", numbers ascend
--   waiting   zset  entries, all with score 0, so that they sort by name: by conversation, then by number
--   ready     zset  conversation -> when its first message may be taken (ms)
--   leased    zset  conversation -> when the lease of its first message ends (ms)
--   state     hash  the last number; conversation/token and conversation/attempt of each first message, and
--                   conversation/superseded: the first message if it was corrected or withdrawn while it is worked on,
--                   conversation/queued: the first message if its asker was told that it waits
--   wake      list  one token for each conversation that became ready, for takers who block
--   dead      zset  parked messages with their reason -> when (ms)
-- A conversation with messages is either ready or leased. One script runs at a time, so each is atomic.
local messages, waiting, ready, leased, state, wake, dead = unpack(KEYS, 1, 7)
local keep_ms = 7 * 24 * 3600 * 1000

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function touch()
  for i = 1, 6 do
    redis.call('PEXPIRE', KEYS[i], keep_ms)
  end
end

local function head(conversation)
  return redis.call('ZRANGEBYLEX', waiting, '[' .. conversation .. ':', '(' .. conversation .. ';', 'LIMIT', 0, 1)[1]
end

local function offer(conversation, due, now)
  redis.call('ZADD', ready, string.format('%.0f', due), conversation)
  if due <= now and redis.call('LLEN', wake) < 64 then
    redis.call('LPUSH', wake, '1')
  end
end

local function holds(conversation, token)
  return redis.call('HGET', state, conversation .. '/token') == token
end

-- removes an entry that was dealt with, and offers the next message of its conversation
local function remove(conversation, entry)
  redis.call('HDEL', messages, entry)
  redis.call('ZREM', waiting, entry)
  redis.call('ZREM', leased, conversation)
  redis.call('HDEL', state, conversation .. '/token', conversation .. '/attempt', conversation .. '/superseded',
    conversation .. '/queued')
  if head(conversation) then
    offer(conversation, now_ms(), now_ms())
  else
    redis.call('ZREM', ready, conversation)
  end
  touch()
end
