#include "disasm/x86_values.h"

#include <algorithm>
#include <bit>

#include "disasm/cpuid_bits.h"

namespace abiscope::disasm {

namespace {

constexpr std::uint64_t all = ~std::uint64_t{0};

// glibc, sysdeps/x86_64/nptl/tls.h: tcbhead_t.feature_1; GNU_PROPERTY_X86_FEATURE_1_SHSTK is set where the kernel turned shadow stacks on.
constexpr std::int64_t feature_1 = 0x48;
constexpr std::uint64_t feature_1_shstk = 2;

constexpr unsigned rax = 0, rcx = 1, rdx = 2, rbx = 3, rsp = 4;

struct Part {
    std::uint32_t name = 0;         // its letters; 0: none
    std::uint8_t index = 0;
    std::uint8_t shift = 0;
};

constexpr std::uint32_t letters(std::string_view name) {
    std::uint32_t packed = 0;
    for (char each : name) packed = packed << 8 | static_cast<std::uint8_t>(each);
    return packed;
}

constexpr std::size_t part_slots = 256;

constexpr std::size_t slot_of(std::uint32_t name) { return name * 0x9e3779b1U >> 24; }

// In the order of their numbers in machine code; a hash table of them.
constexpr auto make_parts() {
    constexpr std::array<std::array<std::string_view, 5>, 16> names{{
        {"rax", "eax", "ax", "al", "ah"},
        {"rcx", "ecx", "cx", "cl", "ch"},
        {"rdx", "edx", "dx", "dl", "dh"},
        {"rbx", "ebx", "bx", "bl", "bh"},
        {"rsp", "esp", "sp", "spl", ""},
        {"rbp", "ebp", "bp", "bpl", ""},
        {"rsi", "esi", "si", "sil", ""},
        {"rdi", "edi", "di", "dil", ""},
        {"r8", "r8d", "r8w", "r8b", ""},
        {"r9", "r9d", "r9w", "r9b", ""},
        {"r10", "r10d", "r10w", "r10b", ""},
        {"r11", "r11d", "r11w", "r11b", ""},
        {"r12", "r12d", "r12w", "r12b", ""},
        {"r13", "r13d", "r13w", "r13b", ""},
        {"r14", "r14d", "r14w", "r14b", ""},
        {"r15", "r15d", "r15w", "r15b", ""},
    }};
    std::array<Part, part_slots> parts{};
    for (std::size_t i = 0; i < names.size() * 5; ++i) {
        std::uint32_t name = letters(names[i / 5][i % 5]);
        if (name == 0) continue;
        std::size_t slot = slot_of(name);
        while (parts[slot].name != 0) slot = (slot + 1) % part_slots;
        parts[slot] = {name, static_cast<std::uint8_t>(i / 5), static_cast<std::uint8_t>(i % 5 == 4 ? 8 : 0)};
    }
    return parts;
}

const Part* part_of(std::string_view reg) {
    static constexpr std::array parts = make_parts();
    if (reg.empty() || reg.size() > sizeof(std::uint32_t)) return nullptr;
    std::uint32_t name = letters(reg);
    for (std::size_t slot = slot_of(name); parts[slot].name != 0; slot = (slot + 1) % part_slots) {
        if (parts[slot].name == name) return &parts[slot];
    }
    return nullptr;
}

std::uint64_t mask_of(unsigned size) { return size >= 8 || size == 0 ? all : (std::uint64_t{1} << size * 8) - 1; }

// Everything above `size` bytes is zero, as in a register that was written with 32 bits.
KnownBits cut(KnownBits value, unsigned size) {
    std::uint64_t mask = mask_of(size);
    return {value.zero | ~mask, value.one & mask};
}

KnownBits shifted(const KnownBits& value, std::string_view mnemonic, unsigned by, unsigned size) {
    if (size == 0) return {};
    if (mnemonic == "shr") return {value.zero >> by | ~(all >> by), value.one >> by};
    if (mnemonic == "shl") return cut({value.zero << by | ~(all << by), value.one << by}, size);
    // SAR: the sign bit comes in from above.
    std::uint64_t top = mask_of(size) ^ mask_of(size) >> by;
    std::uint64_t sign = std::uint64_t{1} << (size * 8 - 1);
    KnownBits out = {(value.zero & mask_of(size)) >> by, value.one >> by};
    if ((value.zero & sign) != 0) out.zero |= top;
    if ((value.one & sign) != 0) out.one |= top;
    return cut(out, size);
}

// Of bits that are put together by adding them (LEA), or of numbers. Not the upper bits of what a loop counts: they would be lost one by
// one, each after another time around.
KnownBits sum_of(const KnownBits& one, const KnownBits& other) {
    if ((~one.zero & ~other.zero) == 0) return {one.zero & other.zero, one.one | other.one};
    return one.value() && other.value() ? KnownBits::of(*one.value() + *other.value()) : KnownBits{};
}

KnownBits inverse(const KnownBits& of) { return {of.one, of.zero}; }

bool keeps_flags(std::string_view m) {
    return m.starts_with("mov") || m == "lea" || m.starts_with("push") || m.starts_with("pop") || m == "nop" || m.starts_with("set") ||
        m.starts_with("cmov") || m == "not" || m == "endbr64" || m == "endbr32" || m.starts_with('v') || m == "cpuid" || m == "xgetbv" ||
        m.starts_with('j');
}

std::optional<bool> agreed(const std::optional<bool>& one, const std::optional<bool>& other) { return one == other ? one : std::nullopt; }

std::optional<bool> either(const std::optional<bool>& one, const std::optional<bool>& other) {
    if (one.value_or(false) || other.value_or(false)) return true;
    return one && other ? std::optional(false) : std::nullopt;
}

// What a place is from the stack pointer, where that is all that its address says.
std::optional<std::int64_t> place_on_stack(const MemoryOperand& memory) {
    bool plain = (memory.base == "rsp" || memory.base == "esp") && memory.index.empty() && memory.segment.empty();
    return plain ? std::optional(memory.displacement) : std::nullopt;
}

bool is_stack_pointer(const Operand& operand) {
    const Part* part = operand.kind == Operand::Kind::reg ? part_of(operand.reg) : nullptr;
    return part != nullptr && part->index == rsp;
}

std::optional<bool> opposite(const std::optional<bool>& of) { return of ? std::optional(!*of) : std::nullopt; }

}  // namespace

std::optional<std::uint64_t> X86Values::value_of(std::string_view reg) const {
    const Part* part = part_of(reg);
    return part == nullptr || part->shift != 0 ? std::nullopt : registers_[part->index].value();
}

void X86Values::set(std::string_view reg, const KnownBits& value) {
    if (const Part* part = part_of(reg)) registers_[part->index] = value;
}

KnownBits X86Values::bits_of_address(const MemoryOperand& memory) const {
    if (memory.address) return KnownBits::of(*memory.address);
    KnownBits sum = KnownBits::of(static_cast<std::uint64_t>(memory.displacement));
    if (!memory.base.empty()) {
        const Part* base = part_of(memory.base);
        sum = base == nullptr ? KnownBits{} : sum_of(sum, registers_[base->index]);
    }
    if (!memory.index.empty()) {
        const Part* index = part_of(memory.index);
        if (index == nullptr) return {};
        auto shift = static_cast<unsigned>(std::countr_zero(memory.scale));
        if (memory.index == memory.base && shift == 0) {
            // A sum of a number with itself.
            sum = KnownBits::of(static_cast<std::uint64_t>(memory.displacement));
            shift = 1;
        }
        sum = sum_of(sum, shifted(registers_[index->index], "shl", shift, 8));
    }
    return sum;
}

std::optional<std::uint64_t> X86Values::address_of(const MemoryOperand& memory) const {
    return memory.segment == "fs" || memory.segment == "gs" ? std::nullopt : bits_of_address(memory).value();
}

KnownBits X86Values::read(const Operand& operand, const X86World& world) const {
    switch (operand.kind) {
        case Operand::Kind::immediate: return KnownBits::of(static_cast<std::uint64_t>(operand.immediate));
        case Operand::Kind::reg: {
            const Part* part = part_of(operand.reg);
            if (part == nullptr) return {};
            const KnownBits& whole = registers_[part->index];
            return cut({whole.zero >> part->shift, whole.one >> part->shift}, operand.size);
        }
        case Operand::Kind::memory: {
            if (operand.memory.segment == "fs" && operand.memory.base.empty() && operand.memory.displacement == feature_1 &&
                world.lacking.contains(Feature::shstk))
                return cut({feature_1_shstk, 0}, operand.size);
            if (auto place = world.stack_word != 0 ? place_on_stack(operand.memory) : std::nullopt)
                return cut(stack_.load(*place, operand.size), operand.size);
            auto address = address_of(operand.memory);
            if (!address || !world.load || operand.size == 0 || operand.size > 8) return {};
            return cut(world.load(*address, operand.size), operand.size);
        }
    }
    return {};
}

void X86Values::write(const Operand& operand, const KnownBits& value, const X86World& world) {
    if (operand.kind == Operand::Kind::memory) {
        auto place = world.stack_word != 0 ? place_on_stack(operand.memory) : std::nullopt;
        if (place) return stack_.store(*place, operand.size, value);
        auto address = address_of(operand.memory);
        if (!address && operand.memory.access) stack_.forget();
        if (address && world.stored && operand.memory.access) world.stored(*address, operand.size, value);
        return;
    }
    const Part* part = operand.kind == Operand::Kind::reg ? part_of(operand.reg) : nullptr;
    if (part == nullptr) return;
    if (part->index == rsp && world.stack_word != 0) stack_.lose();
    KnownBits& whole = registers_[part->index];
    if (operand.size >= 4) {
        whole = cut(value, operand.size);
        return;
    }
    std::uint64_t mask = mask_of(operand.size) << part->shift;
    whole = {(whole.zero & ~mask) | (value.zero << part->shift & mask), (whole.one & ~mask) | (value.one << part->shift & mask)};
}

void X86Values::set_result_flags(const KnownBits& value, unsigned size) {
    flags_ = {};
    std::uint64_t mask = mask_of(size);
    std::uint64_t sign = mask ^ mask >> 1;
    if ((value.one & mask) != 0) flags_.zero = false;
    else if ((value.zero & mask) == mask) flags_.zero = true;
    if ((value.one & sign) != 0) flags_.sign = true;
    else if ((value.zero & sign) != 0) flags_.sign = false;
}

void X86Values::ask_cpuid(const X86World& world) {
    auto leaf = registers_[rax].value();
    auto index = leaf ? cpuid_leaf_index(static_cast<std::uint32_t>(*leaf), static_cast<std::uint32_t>(registers_[rcx].one)) : std::nullopt;
    constexpr std::array order = {rax, rbx, rcx, rdx};
    for (unsigned i = 0; i < order.size(); ++i) {
        registers_[order[i]] = cut({index ? cpuid_zero_bits(*index, i, world.lacking) : 0, 0}, 4);
    }
}

// Whether the instruction is one whose result can be told.
bool X86Values::compute(const Instruction& instruction, const X86World& world) {
    std::string_view m = instruction.mnemonic;
    const auto& operands = instruction.operands;
    if (m == "cpuid") {
        ask_cpuid(world);
        return true;
    }
    if (operands.empty()) return false;
    const Operand& target = operands[0];
    // RDSSP does nothing on a CPU without shadow stacks: whoever asks has put zero there before.
    if (m.starts_with("rdssp") && world.lacking.contains(Feature::shstk)) {
        write(target, KnownBits::of(0), world);
        return true;
    }
    if (m.starts_with("set")) {
        auto taken = condition(m);
        write(target, taken ? KnownBits::of(*taken ? 1 : 0) : KnownBits{~std::uint64_t{1}, 0}, world);
        return true;
    }
    if (m == "not") {
        KnownBits value = read(target, world);
        write(target, cut(inverse(value), target.size), world);
        return true;
    }
    if (m == "inc" || m == "dec") {
        KnownBits result = cut(sum_of(read(target, world), KnownBits::of(m == "inc" ? 1 : all)), target.size);
        write(target, result, world);
        std::optional<bool> carry = flags_.carry;
        set_result_flags(result, target.size);
        flags_.carry = carry;
        return true;
    }
    if (operands.size() < 2) return false;
    const Operand& source = operands[1];
    if (m == "lea") {
        write(target, cut(bits_of_address(source.memory), target.size), world);
        return true;
    }
    if (target.kind == Operand::Kind::reg && part_of(target.reg) == nullptr) return false;
    KnownBits from = read(source, world);
    if (source.kind == Operand::Kind::immediate) from = cut(from, target.size);
    if (m == "mov" || m == "movzx") {
        write(target, from, world);
        return true;
    }
    if (m == "movsx" || m == "movsxd") {
        std::uint64_t sign = mask_of(source.size) ^ mask_of(source.size) >> 1;
        write(target, (from.zero & sign) != 0 ? from : KnownBits{from.zero & mask_of(source.size), from.one}, world);
        return true;
    }
    if (m.starts_with("cmov")) {
        auto taken = condition(m);
        KnownBits old = read(target, world);
        write(target, !taken ? from.met(old) : *taken ? from : old, world);
        // What was not chosen has served its purpose, and is not handed over by what comes later.
        if (taken && !*taken) write(source.kind == Operand::Kind::reg ? source : Operand{}, {}, world);
        return true;
    }
    KnownBits old = read(target, world);
    bool same = source.kind == Operand::Kind::reg && target.kind == Operand::Kind::reg && source.reg == target.reg;
    KnownBits result;
    if (m == "and" || m == "test") result = {old.zero | from.zero, old.one & from.one};
    else if (m == "or") result = {old.zero & from.zero, old.one | from.one};
    else if ((m == "xor" || m == "sub") && same) result = KnownBits::of(0);
    else if (m == "xor") result = {(old.zero & from.zero) | (old.one & from.one), (old.zero & from.one) | (old.one & from.zero)};
    else if ((m == "shr" || m == "shl" || m == "sar") && source.kind == Operand::Kind::immediate)
        result = shifted(old, m, static_cast<unsigned>(from.one & (target.size == 8 ? 63 : 31)), target.size);
    else if (m == "add") result = same ? shifted(old, "shl", 1, target.size) : cut(sum_of(old, from), target.size);
    else if (m == "sub" && old.value() && from.value()) result = cut(KnownBits::of(*old.value() - *from.value()), target.size);
    else if (m == "sbb" && same && flags_.carry)
        result = cut(KnownBits::of(*flags_.carry ? all : 0), target.size);      // what a comparison is made a mask of
    else if (m == "cmp") {
        flags_ = {};
        std::uint64_t mask = mask_of(target.size);
        if (((old.zero & from.one) | (old.one & from.zero)) != 0) flags_.zero = false;
        else if (((old.zero | old.one) & (from.zero | from.one) & mask) == mask) flags_.zero = true;
        if (from.value() == 0U) {
            set_result_flags(old, target.size);
            flags_.carry = flags_.overflow = false;
        } else if (old.value() && from.value()) {
            flags_.carry = *old.value() < *from.value();
        }
        return true;
    } else if (m == "bt" && from.value()) {
        std::uint64_t bit = std::uint64_t{1} << (*from.value() & (target.size == 8 ? 63 : 31));
        flags_ = {};
        if ((old.zero & bit) != 0) flags_.carry = false;
        else if ((old.one & bit) != 0) flags_.carry = true;
        return true;
    } else {
        return false;
    }
    if (m != "test") write(target, result, world);
    set_result_flags(result, target.size);
    if (m == "and" || m == "or" || m == "xor" || m == "test") flags_.carry = flags_.overflow = false;
    return true;
}

void X86Values::enter(const X86World& world) { stack_.move(-std::int64_t{world.stack_word}); }

void X86Values::leave(const X86World& world) { stack_.move(world.stack_word); }

// Whether the instruction moves the stack pointer by what it says itself.
bool X86Values::move_stack(const Instruction& instruction, const X86World& world) {
    std::string_view m = instruction.mnemonic;
    const auto& operands = instruction.operands;
    if (operands.empty()) return false;
    if (m == "push" && operands[0].size == world.stack_word) {
        KnownBits value = read(operands[0], world);
        stack_.move(-std::int64_t{world.stack_word});
        stack_.store(0, world.stack_word, value);
        return true;
    }
    if (m == "pop" && operands[0].kind == Operand::Kind::reg && operands[0].size == world.stack_word && !is_stack_pointer(operands[0])) {
        write(operands[0], stack_.load(0, world.stack_word), world);
        stack_.move(world.stack_word);
        return true;
    }
    if (operands.size() < 2 || !is_stack_pointer(operands[0]) || operands[0].size != world.stack_word || registers_[rsp].value())
        return false;
    const Operand& source = operands[1];
    if ((m == "add" || m == "sub") && source.kind == Operand::Kind::immediate) {
        stack_.move(m == "add" ? source.immediate : -source.immediate);
        flags_ = {};
        return true;
    }
    auto place = m == "lea" ? place_on_stack(source.memory) : std::nullopt;
    if (place) stack_.move(*place);
    return place.has_value();
}

namespace {

void note_addresses(const Instruction& instruction, const X86World& world) {
    std::string_view m = instruction.mnemonic;
    if (m != "lea" && m != "mov" && m != "push") return;
    for (const Operand& operand : instruction.operands) {
        if (operand.kind == Operand::Kind::immediate) world.taken(static_cast<std::uint64_t>(operand.immediate));
        if (m == "lea" && operand.kind == Operand::Kind::memory && operand.memory.address) world.taken(*operand.memory.address);
    }
}

}  // namespace

void X86Values::step(const Instruction& instruction, const X86World& world) {
    if (world.taken) note_addresses(instruction, world);
    if (world.stack_word != 0 && move_stack(instruction, world)) return;
    if (instruction.flow.branch == BranchKind::call || instruction.flow.branch == BranchKind::indirect_call ||
        instruction.flow.branch == BranchKind::system_call) {
        // psABI: RBX, RBP and R12 to R15 are the caller's; i386 keeps ESI and EDI too, which is not relied on.
        for (unsigned i : {0U, 1U, 2U, 6U, 7U, 8U, 9U, 10U, 11U}) registers_[i] = {};
        flags_ = {};
        stack_.forget();
        return;
    }
    if (compute(instruction, world)) return;
    for (const Operand& operand : instruction.operands) {
        if (operand.write) write(operand, {}, world);
    }
    if (!keeps_flags(instruction.mnemonic)) flags_ = {};
}

std::optional<bool> X86Values::condition(std::string_view mnemonic) const {
    std::string_view c = mnemonic.starts_with("cmov") ? mnemonic.substr(4) : mnemonic.substr(mnemonic.starts_with("set") ? 3 : 1);
    bool negated = c.starts_with('n');
    if (negated) c.remove_prefix(1);
    std::optional<bool> less;
    if (flags_.sign && flags_.overflow) less = *flags_.sign != *flags_.overflow;
    std::optional<bool> taken;
    if (c == "z") taken = flags_.zero;
    else if (c == "b") taken = flags_.carry;
    else if (c == "s") taken = flags_.sign;
    else if (c == "o") taken = flags_.overflow;
    else if (c == "be") taken = either(flags_.carry, flags_.zero);
    else if (c == "l") taken = less;
    else if (c == "le") taken = either(less, flags_.zero);
    return negated ? opposite(taken) : taken;
}

X86Values X86Values::met(const X86Values& other) const {
    X86Values out;
    for (std::size_t i = 0; i < registers_.size(); ++i) out.registers_[i] = registers_[i].met(other.registers_[i]);
    out.flags_ = {agreed(flags_.zero, other.flags_.zero), agreed(flags_.carry, other.flags_.carry), agreed(flags_.sign, other.flags_.sign),
                  agreed(flags_.overflow, other.flags_.overflow)};
    out.stack_ = stack_.met(other.stack_);
    return out;
}

}  // namespace abiscope::disasm
