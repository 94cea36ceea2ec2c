-- Stores messages that came at the same time. KEYS[8] and on, two for each, mark it as seen and its `said` as said or replaced;
-- ARGV[1] is how long they are remembered (ms), then for each message: conversation, message, nonce of this call, the `said` of
-- the message that it replaces or '', and whether it has a `said` at all ('' if not).
-- Returns for each 1 if stored, 0 if it was there, or if what replaces it came first. The nonce tells a call that the client
-- repeated after a lost connection.
local seen_ms = ARGV[1]

local function replace_earlier(conversation, replaces)
  local first, under_way = head(conversation), redis.call('HEXISTS', state, conversation .. '/token') == 1
  for _, entry in ipairs(redis.call('ZRANGEBYLEX', waiting, '[' .. conversation .. ':', '(' .. conversation .. ';')) do
    local readable, earlier = pcall(cjson.decode, redis.call('HGET', messages, entry) or '')
    if readable and type(earlier) == 'table' and earlier.said == replaces then
      if entry == first and under_way then
        redis.call('HSET', state, conversation .. '/superseded', entry)
      else
        redis.call('HDEL', messages, entry)
        redis.call('ZREM', waiting, entry)
        if entry == first then
          redis.call('HDEL', state, conversation .. '/attempt')
        end
      end
    end
  end
end

local function store(seen, mark, conversation, message, nonce, replaces, said)
  if not redis.call('SET', seen, nonce, 'NX', 'PX', seen_ms) then
    return redis.call('GET', seen) == nonce and 1 or 0
  end
  if replaces ~= '' then
    redis.call('SET', mark, 'replaced', 'PX', seen_ms)
    replace_earlier(conversation, replaces)
  elseif said ~= '' then
    if redis.call('GET', mark) == 'replaced' then
      redis.call('SET', seen, 'replaced', 'PX', seen_ms)
      return 0
    end
    redis.call('SET', mark, 'said', 'PX', seen_ms)
  end
  local entry = conversation .. ':' .. string.format('%016d', redis.call('HINCRBY', state, 'number', 1))
  redis.call('HSET', messages, entry, message)
  redis.call('ZADD', waiting, 0, entry)
  if not redis.call('ZSCORE', leased, conversation) and not redis.call('ZSCORE', ready, conversation) then
    local now = now_ms()
    offer(conversation, now, now)
  end
  return 1
end

local stored = {}
for n = 1, (#KEYS - 7) / 2 do
  local at = 5 * n - 3
  stored[n] = store(KEYS[6 + 2 * n], KEYS[7 + 2 * n], unpack(ARGV, at, at + 4))
end
touch()
return stored
