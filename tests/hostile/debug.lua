-- The debug library, which could switch the limits off.
debug.sethook()
