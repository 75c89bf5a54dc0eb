"""Turns linked PE and Mach-O files into flat memory images, so that code for systems that are not here can run in a program of Linux."""
import struct


def pe_image(data):
    """(base address, bytes as the loader would place them)."""
    at = struct.unpack_from("<I", data, 0x3c)[0]
    sections, optional_size = struct.unpack_from("<H", data, at + 6)[0], struct.unpack_from("<H", data, at + 20)[0]
    wide = struct.unpack_from("<H", data, at + 24)[0] == 0x20b
    base = struct.unpack_from("<Q", data, at + 48)[0] if wide else struct.unpack_from("<I", data, at + 52)[0]
    image = bytearray(struct.unpack_from("<I", data, at + 80)[0])
    for i in range(sections):
        row = at + 24 + optional_size + 40 * i
        size, address, raw_size, raw = struct.unpack_from("<IIII", data, row + 8)
        count = min(size, raw_size)
        image[address:address + count] = data[raw:raw + count]
    return base, bytes(image)


def macho_image(data):
    """(0, bytes by virtual address): a library is linked at 0."""
    count = struct.unpack_from("<I", data, 16)[0]
    at, image = 32, bytearray()
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command == 0x19:
            address, length, offset, file_size = struct.unpack_from("<QQQQ", data, at + 24)
            if data[at + 8:at + 18].rstrip(b"\0") != b"__LINKEDIT":
                image.extend(bytes(max(0, address + length - len(image))))
                image[address:address + file_size] = data[offset:offset + file_size]
        at += size
    return 0, bytes(image)


def macho_symbol(data, name):
    """The address of a defined symbol."""
    count, at = struct.unpack_from("<I", data, 16)[0], 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command == 2:
            symbols, number, strings = struct.unpack_from("<III", data, at + 8)
            for i in range(number):
                string, kind, _, _, value = struct.unpack_from("<IBBHQ", data, symbols + 16 * i)
                end = data.index(b"\0", strings + string)
                if data[strings + string:end].decode() == name and kind & 0xe == 0xe:
                    return value
        at += size
    raise KeyError(name)


def pe_export(data, name):
    """The address, from the start of the image, of a function that a PE file exports."""
    base, image = pe_image(data)
    at = struct.unpack_from("<I", data, 0x3c)[0]
    wide = struct.unpack_from("<H", data, at + 24)[0] == 0x20b
    directory = struct.unpack_from("<I", data, at + 24 + (112 if wide else 96))[0]
    names, functions, pointers, ordinals = struct.unpack_from("<IIII", image, directory + 24)
    for i in range(names):
        string = struct.unpack_from("<I", image, pointers + 4 * i)[0]
        if image[string:image.index(b"\0", string)].decode().lstrip("_") == name:
            return struct.unpack_from("<I", image, functions + 4 * struct.unpack_from("<H", image, ordinals + 2 * i)[0])[0]
    raise KeyError(f"{name} is not exported at {base:#x}")
