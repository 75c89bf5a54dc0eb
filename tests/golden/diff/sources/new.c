#line 1 "point.h"
enum colour { RED, GREEN, BLUE, BLACK };
struct point { int x; int y; int z[3]; };
struct shape { struct point at; char kind; char layer; long reserved[2]; struct shape *next; };
#line 1 "point.c"
int shape_area(const struct shape *one) { return one->at.x * one->at.y; }
void shape_move(struct shape *one, unsigned by) { one->at.x += (int)by; }
struct point point_at(int x, int y) { struct point made = {x, y, {0}}; return made; }
int shape_paint(struct shape *one, enum colour with) { one->kind = (char)with; return 0; }
long shape_limit = 16;
int shape_new(void) { return 1; }
