-- A hundred thousand errors.
for i = 1, 1e5 do device { laeve = i } end
