-- ARGV conversation, token, delay_ms. In good order, so the attempt does not count.
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
local now = now_ms()
redis.call('ZREM', leased, ARGV[1])
redis.call('HDEL', state, ARGV[1] .. '/token')
redis.call('HINCRBY', state, ARGV[1] .. '/attempt', -1)
offer(ARGV[1], now + ARGV[3], now)
touch()
return 1
