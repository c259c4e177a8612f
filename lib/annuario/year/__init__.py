"""An edition in the making: begun from the last one, filled, told what is missing, published."""
