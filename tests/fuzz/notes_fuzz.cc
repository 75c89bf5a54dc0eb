// Any bytes as the notes of a file: all machines, words and byte orders whose notes mean something, and both paddings.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "bytes/source.h"
#include "elf/image.h"
#include "elf/notes.h"

namespace {

using namespace abiscope;

struct Machine {
    std::uint16_t number;
    bool wide;
    bool big;
};

class Writer {
public:
    explicit Writer(Machine machine) : machine_(machine) {}
    void put(std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) bytes_.push_back(static_cast<std::byte>(value >> 8 * (machine_.big ? width - 1 - i : i)));
    }
    void word(std::uint64_t value) { put(value, machine_.wide ? 8 : 4); }
    std::vector<std::byte> bytes_;

private:
    Machine machine_;
};

// An ELF header and one PT_NOTE that covers everything behind them. Knows nothing of the reader's own records.
std::vector<std::byte> wrap(Machine machine, std::uint64_t alignment, const std::uint8_t* data, std::size_t size) {
    const std::uint64_t header = machine.wide ? 64 : 52, segment = machine.wide ? 56 : 32;
    Writer out(machine);
    out.put(0x7f, 1);
    for (char c : {'E', 'L', 'F'}) out.put(static_cast<unsigned char>(c), 1);
    for (unsigned byte : {machine.wide ? 2U : 1U, machine.big ? 2U : 1U, 1U}) out.put(byte, 1);
    out.bytes_.resize(16);
    out.put(3, 2);
    out.put(machine.number, 2);
    out.put(1, 4);
    for (std::uint64_t value : {std::uint64_t{0}, header, std::uint64_t{0}}) out.word(value);
    out.put(0, 4);
    for (std::uint64_t value : {header, segment, std::uint64_t{1}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}}) out.put(value, 2);
    out.put(4, 4);
    if (machine.wide) out.put(4, 4);
    for (std::uint64_t value : {header + segment, header + segment, header + segment, std::uint64_t{size}, std::uint64_t{size}})
        out.word(value);
    if (!machine.wide) out.put(4, 4);
    out.word(alignment);
    std::size_t at = out.bytes_.size();
    out.bytes_.resize(at + size);
    if (size != 0) std::memcpy(out.bytes_.data() + at, data, size);
    return std::move(out.bytes_);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (Machine machine : {Machine{62, true, false}, Machine{3, false, false}, Machine{183, true, false}, Machine{22, true, true},
                            Machine{20, false, true}}) {
        for (std::uint64_t alignment : {4U, 8U}) {
            auto image = elf::Image::parse(Source::from_memory("notes", wrap(machine, alignment, data, size)));
            if (!image || image->segments().size() != 1) __builtin_trap();
            std::vector<elf::Note> notes = elf::read_notes(*image);
            if (notes.size() > size / 12) __builtin_trap();
            static_cast<void>(elf::known_notes(*image, notes));
            for (const elf::Note& note : notes) {
                if (elf::read_properties(note, image->encoding()).entries.size() > note.descriptor.size() / 8) __builtin_trap();
            }
        }
    }
    return 0;
}
