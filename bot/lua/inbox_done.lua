-- ARGV conversation, entry. An answer that was posted is a fact, also if the lease was lost meanwhile: whoever works on the
-- message now finds its own lease gone and posts nothing. A second call finds no message and changes nothing.
if redis.call('HEXISTS', messages, ARGV[2]) == 0 then
  return 0
end
remove(ARGV[1], ARGV[2])
return 1
