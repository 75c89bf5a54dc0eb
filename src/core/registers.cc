#include "core/registers.h"

#include "bytes/reader.h"

namespace abiscope::core {

namespace {

struct Part {
    std::string_view name;
    std::string_view whole;
    std::uint8_t shift;
    std::uint8_t bits;
};

// Intel SDM volume 1, 3.4.1: the parts of the first eight registers that have names of their own.
constexpr Part parts[] = {
    {"eax", "rax", 0, 32}, {"ebx", "rbx", 0, 32}, {"ecx", "rcx", 0, 32}, {"edx", "rdx", 0, 32}, {"esi", "rsi", 0, 32},
    {"edi", "rdi", 0, 32}, {"ebp", "rbp", 0, 32}, {"esp", "rsp", 0, 32}, {"eip", "rip", 0, 32}, {"ax", "rax", 0, 16},
    {"bx", "rbx", 0, 16},  {"cx", "rcx", 0, 16},  {"dx", "rdx", 0, 16},  {"si", "rsi", 0, 16},  {"di", "rdi", 0, 16},
    {"bp", "rbp", 0, 16},  {"sp", "rsp", 0, 16},  {"al", "rax", 0, 8},   {"bl", "rbx", 0, 8},   {"cl", "rcx", 0, 8},
    {"dl", "rdx", 0, 8},   {"sil", "rsi", 0, 8},  {"dil", "rdi", 0, 8},  {"bpl", "rbp", 0, 8},  {"spl", "rsp", 0, 8},
    {"ah", "rax", 8, 8},   {"bh", "rbx", 8, 8},   {"ch", "rcx", 8, 8},   {"dh", "rdx", 8, 8},
};

// "r8d", "r15b": the part of r8 to r15; "w3": that of arm64's x3.
std::optional<Part> numbered_part(std::string_view name) {
    if (name.size() < 3 || name.front() != 'r') return std::nullopt;
    std::string_view whole = name.substr(0, name.size() - 1);
    switch (name.back()) {
        case 'd': return Part{name, whole, 0, 32};
        case 'w': return Part{name, whole, 0, 16};
        case 'b': return Part{name, whole, 0, 8};
        default: return std::nullopt;
    }
}

}  // namespace

Registers Registers::read(const MachineLayout& layout, View bytes, Endian order) {
    Registers out(&layout);
    Reader reader(bytes, order, "registers");
    for (std::size_t i = 0; i < layout.registers.size(); ++i) {
        out.values_[i] = reader.word(layout.word_size() == 8);
        if (!reader.ok()) break;
        out.known_ |= std::uint64_t{1} << i;
    }
    return out;
}

std::optional<std::size_t> Registers::index_of(std::string_view name) const {
    if (layout_ == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < layout_->registers.size(); ++i) {
        if (layout_->registers[i].name == name) return i;
    }
    return std::nullopt;
}

std::string_view Registers::whole(std::string_view name) const {
    if (auto index = index_of(name)) return layout_->registers[*index].name;
    for (const Part& part : parts) {
        if (part.name != name) continue;
        if (auto index = index_of(part.whole)) return layout_->registers[*index].name;
        // On i386 the register that holds "al" is "eax".
        for (const RegisterPlace& place : layout_ ? layout_->registers : std::span<const RegisterPlace>()) {
            if (place.name.size() == 3 && place.name.front() == 'e' && place.name.substr(1) == part.whole.substr(1)) return place.name;
        }
    }
    if (auto part = numbered_part(name)) {
        if (auto index = index_of(part->whole)) return layout_->registers[*index].name;
    }
    return {};
}

std::optional<std::uint64_t> Registers::get(std::string_view name) const {
    if (auto index = index_of(name)) return (known_ >> *index & 1) != 0 ? std::optional(values_[*index]) : std::nullopt;
    std::string_view holder = whole(name);
    if (holder.empty()) return std::nullopt;
    auto value = get(holder);
    if (!value) return std::nullopt;
    auto cut = [&](const Part& part) { return *value >> part.shift & (~std::uint64_t{0} >> (64 - part.bits)); };
    for (const Part& part : parts) {
        if (part.name == name) return cut(part);
    }
    if (auto part = numbered_part(name)) return cut(*part);
    return std::nullopt;
}

void Registers::set(std::string_view name, std::optional<std::uint64_t> value) {
    auto index = index_of(name);
    if (!index) return;
    values_[*index] = value.value_or(0);
    std::uint64_t bit = std::uint64_t{1} << *index;
    known_ = value ? known_ | bit : known_ & ~bit;
}

std::optional<std::uint64_t> Registers::by_dwarf(std::uint64_t number) const {
    for (const RegisterPlace& place : layout_ ? layout_->registers : std::span<const RegisterPlace>()) {
        if (place.dwarf >= 0 && static_cast<std::uint64_t>(place.dwarf) == number) return get(place.name);
    }
    return std::nullopt;
}

void Registers::set_dwarf(std::uint64_t number, std::optional<std::uint64_t> value) {
    for (const RegisterPlace& place : layout_ ? layout_->registers : std::span<const RegisterPlace>()) {
        if (place.dwarf >= 0 && static_cast<std::uint64_t>(place.dwarf) == number) set(place.name, value);
    }
}

}  // namespace abiscope::core
