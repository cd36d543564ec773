"""Map: an endless plane of digits, drawn in tiles that the browser asks for as it moves."""
