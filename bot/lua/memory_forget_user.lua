-- KEYS turns, once; ARGV user. Keeps the turns of others and the answers to them, and the expiry. Returns how many turns went.
local turns, once, user = KEYS[1], KEYS[2], ARGV[1]
local kept, removed, theirs = {}, 0, false
for _, text in ipairs(redis.call('LRANGE', turns, 0, -1)) do
  local turn = cjson.decode(text)
  if turn.role == 'user' then
    theirs = turn.user_id == user
  end
  if turn.user_id == user or (theirs and turn.role == 'assistant' and turn.user_id == '') then
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
  else
    redis.call('DEL', once)
  end
end
return removed
