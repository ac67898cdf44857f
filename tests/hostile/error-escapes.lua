-- An error that a terminal would obey.
error("\27[31m\nstillboot: all is well\r\0hidden\xff\xc2\x9b")
