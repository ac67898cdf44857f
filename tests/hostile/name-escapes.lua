-- A name that a terminal would obey.
local x = _ENV["\27[2J\27]0;gone\7\r\n"]
