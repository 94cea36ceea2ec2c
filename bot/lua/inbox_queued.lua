-- ARGV waited_ms, most. Returns the messages that have waited so long for a free worker, each once in its life.
local found, since = {}, string.format('%.0f', now_ms() - ARGV[1])
for _, conversation in ipairs(redis.call('ZRANGEBYSCORE', ready, '-inf', since, 'LIMIT', 0, 2000)) do
  local entry = head(conversation)
  if entry and redis.call('HGET', state, conversation .. '/queued') ~= entry then
    redis.call('HSET', state, conversation .. '/queued', entry)
    table.insert(found, redis.call('HGET', messages, entry))
    if #found >= tonumber(ARGV[2]) then
      break
    end
  end
end
return found
