-- A large string from string.gsub.
local s = ("x"):rep(1e6)
local x = s:gsub(".", s)
