-- KEYS turns; ARGV the id of a message that was taken back. Removes it and its answer, keeps the expiry. Returns how many turns went.
local turns, said = KEYS[1], ARGV[1]
local kept, removed = {}, 0
for _, text in ipairs(redis.call('LRANGE', turns, 0, -1)) do
  if cjson.decode(text).said == said then
    removed = removed + 1
  else
    kept[#kept + 1] = text
  end
end
if removed > 0 then
  local ttl = redis.call('PTTL', turns)
  redis.call('DEL', turns)
  for _, text in ipairs(kept) do
    redis.call('RPUSH', turns, text)
  end
  if #kept > 0 then
    redis.call('PEXPIRE', turns, ttl)
  end
end
return removed
