"""Changing an ELF file in place (64-bit, little-endian), without abiscope's own reader."""
import pathlib
import struct


class Patch:
    def __init__(self, path):
        self.file = pathlib.Path(path)
        self.data = bytearray(self.file.read_bytes())

    def save(self):
        self.file.write_bytes(self.data)

    def number(self, offset, size):
        return int.from_bytes(self.data[offset:offset + size], "little")

    def put(self, offset, size, value):
        self.data[offset:offset + size] = value.to_bytes(size, "little")

    def segments(self):
        """(offset of the record, p_type)"""
        start, size, count = self.number(32, 8), self.number(54, 2), self.number(56, 2)
        return [(start + i * size, self.number(start + i * size, 4)) for i in range(count)]

    def segment(self, p_type, nth=0):
        return [offset for offset, kind in self.segments() if kind == p_type][nth]

    def offset_of(self, address):
        for record, kind in self.segments():
            start, file_size = self.number(record + 16, 8), self.number(record + 32, 8)
            if kind == 1 and start <= address < start + file_size:
                return address - start + self.number(record + 8, 8)
        raise RuntimeError(f"no segment holds {address:#x}")

    def dynamic(self):
        """[(offset of the record, tag, value)]"""
        start = self.number(self.segment(2) + 8, 8)
        out = []
        while True:
            tag, value = struct.unpack_from("<QQ", self.data, start)
            out.append((start, tag, value))
            if tag == 0:
                return out
            start += 16

    def tag(self, wanted):
        return next((offset, value) for offset, tag, value in self.dynamic() if tag == wanted)

    def retag(self, old, new, value=None):
        offset, had = self.tag(old)
        self.put(offset, 8, new)
        self.put(offset + 8, 8, had if value is None else value)

    def drop(self, *tags):
        """Makes entries of the dynamic section mean nothing."""
        for offset, tag, _ in self.dynamic():
            if tag in tags:
                self.put(offset, 8, 0x6FFFFEF0)

    def relocations(self, tag, size_tag):
        address, size = self.tag(tag)[1], self.tag(size_tag)[1]
        start = self.offset_of(address)
        return [start + i for i in range(0, size, 24)]
