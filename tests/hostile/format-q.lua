-- A format for what cannot be written.
local x = ("%q"):format({})
