abiscope call 'struct P f(int a, double b, struct S c, ...)' -e 'struct P { double x, y; }; struct S { long n; char tag[12]; };' --varargs 'float, short'
