// The smallest program there is.
