-- An environment of its own.
local _ENV = {}
device { leave = true }
