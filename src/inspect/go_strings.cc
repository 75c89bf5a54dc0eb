#include "inspect/go_strings.h"

namespace abiscope::inspect {

namespace {

constexpr std::uint64_t longest = 1 << 20;

bool read_only(const golang::Memory& memory, std::uint64_t address) {
    for (const golang::MemoryRange& range : memory.ranges()) {
        if (range_contains(range.address, range.bytes.size(), address)) return !range.writable;
    }
    return false;
}

// Bytes of a sequence that starts with `first`; 0: none does.
std::size_t sequence(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

}  // namespace

bool is_text(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        auto first = static_cast<unsigned char>(bytes[i]);
        if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7f) return false;
        std::size_t size = sequence(first);
        if (size == 0 || size > bytes.size() - i) return false;
        for (std::size_t k = 1; k < size; ++k) {
            if ((static_cast<unsigned char>(bytes[i + k]) & 0xc0) != 0x80) return false;
        }
        i += size;
    }
    return true;
}

void find_go_strings(const golang::Memory& memory, const golang::Module& module, std::vector<GoString>& out) {
    unsigned word = memory.word();
    for (const golang::AddressRange& range : {module.noptrdata, module.data}) {
        View bytes = memory.at(range.start).clamped(0, range.size());
        for (std::uint64_t at = align_up(range.start, word) - range.start; range_fits(at, std::uint64_t{2} * word, bytes.size());
             at += word) {
            auto value = [&](std::uint64_t offset) {
                return word == 8 ? load<std::uint64_t>(bytes.data() + offset, memory.order())
                                 : load<std::uint32_t>(bytes.data() + offset, memory.order());
            };
            std::uint64_t length = value(at + word);
            if (length == 0 || length > longest || !read_only(memory, value(at))) continue;
            auto text = memory.bytes(value(at), length);
            if (text && is_text(text->as_text())) out.push_back({range.start + at, value(at), text->as_text()});
        }
    }
}

}  // namespace abiscope::inspect
