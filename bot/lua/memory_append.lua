-- KEYS turns, once; ARGV cap, ttl_ms, id of the message or '', what it replaces or '', turns as JSON ...
-- The turns of what is replaced give their place to the new ones. Returns 0 if the message was appended before.
local turns, once = KEYS[1], KEYS[2]
local cap, ttl, id, replaces = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
if id ~= '' then
  local time = redis.call('TIME')
  if redis.call('ZADD', once, 'NX', time[1], id) == 0 then
    return 0
  end
  redis.call('ZREMRANGEBYRANK', once, 0, -cap - 1)
  redis.call('PEXPIRE', once, ttl)
end
local after = {}
if replaces ~= '' then
  local before, place = {}, false
  for _, text in ipairs(redis.call('LRANGE', turns, 0, -1)) do
    if cjson.decode(text).said == replaces then
      place = true
    elseif place then
      after[#after + 1] = text
    else
      before[#before + 1] = text
    end
  end
  redis.call('DEL', turns)
  for _, text in ipairs(before) do
    redis.call('RPUSH', turns, text)
  end
end
for i = 5, #ARGV do
  redis.call('RPUSH', turns, ARGV[i])
end
for _, text in ipairs(after) do
  redis.call('RPUSH', turns, text)
end
redis.call('LTRIM', turns, -cap, -1)
redis.call('PEXPIRE', turns, ttl)
return 1
