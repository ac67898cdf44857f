-- No environment at all.
local _ENV = nil
device { leave = true }
