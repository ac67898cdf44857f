-- Without a garbage collector.
collectgarbage("stop")
