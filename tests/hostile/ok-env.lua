-- HARMLESS: an environment that still has its words.
local env = _ENV
env.type = nil
local _ENV = { device = device }
device { driver = "x", leave = true }
