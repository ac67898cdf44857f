-- HARMLESS: a thousand rules.
for i = 1, 1000 do device { driver = "driver" .. i, deadline = 1 + i / 1000 } end
