// Nothing at all: the smallest program there is.
