-- HARMLESS: addresses as texts.
local x = tostring({}) .. tostring(type) .. ("%s %q"):format({}, 1/3)
local y = next({}) or select("#", table.unpack({ 1, 2 }))
