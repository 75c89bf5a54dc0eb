"""The part of generate.py for C++: written later."""
class ClassGenerator:
    pass
