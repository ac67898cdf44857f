-- A million rules.
for i = 1, 1e6 do device { leave = true } end
