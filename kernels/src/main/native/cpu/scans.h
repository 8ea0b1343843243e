// Scans as attention scores: for levels without dot products of bytes.

static Kernel scanOf(int format, int dim) { return scoreOf(format, dim); }
static void prepareScan(int, const Work&) {}
