-- A file that includes itself.
machine { include = "include-itself.lua" }
machine { include = "../include-itself.lua" }
