-- A module.
require "os"
