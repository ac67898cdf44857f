-- A name that is 5 MB long.
local x = _ENV[("x"):rep(5e6)]
