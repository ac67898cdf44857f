-- A width that printf would obey.
local x = ("%999999999d"):format(1)
