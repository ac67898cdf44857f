-- No list.
arrange(function(m, s) return { unbind = "0000:01:00.0" } end)
