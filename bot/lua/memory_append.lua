-- KEYS turns, once; ARGV cap, ttl_ms, id of the message or '', turns as JSON ... Returns 0 if the message was appended before.
local turns, once = KEYS[1], KEYS[2]
local cap, ttl, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]
if id ~= '' then
  local time = redis.call('TIME')
  if redis.call('ZADD', once, 'NX', time[1], id) == 0 then
    return 0
  end
  redis.call('ZREMRANGEBYRANK', once, 0, -cap - 1)
  redis.call('PEXPIRE', once, ttl)
end
for i = 4, #ARGV do
  redis.call('RPUSH', turns, ARGV[i])
end
redis.call('LTRIM', turns, -cap, -1)
redis.call('PEXPIRE', turns, ttl)
return 1
