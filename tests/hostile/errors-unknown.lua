-- A hundred thousand names that are not there.
for i = 1, 1e5 do local x = _ENV["name" .. i] end
