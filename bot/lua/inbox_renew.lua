-- ARGV conversation, token, lease_ms. Returns 1 if the lease is still ours and now runs anew.
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
redis.call('ZADD', leased, string.format('%.0f', now_ms() + ARGV[3]), ARGV[1])
return 1
