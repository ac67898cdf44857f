-- No UTF-8: ÿþÀ€
device { driver = "ÿþ", why = "À€", leave = true }
