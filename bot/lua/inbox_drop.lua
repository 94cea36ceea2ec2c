-- ARGV entries. Removes those that nobody works on. Returns how many.
local dropped = 0
for _, entry in ipairs(ARGV) do
  local conversation = string.match(entry, '^(.*):')
  local under_way = redis.call('HEXISTS', state, conversation .. '/token') == 1 and head(conversation) == entry
  if not under_way and redis.call('HDEL', messages, entry) == 1 then
    dropped = dropped + 1
    redis.call('ZREM', waiting, entry)
    if not head(conversation) then
      redis.call('ZREM', ready, conversation)
      redis.call('HDEL', state, conversation .. '/attempt', conversation .. '/queued')
    end
  end
end
return dropped
