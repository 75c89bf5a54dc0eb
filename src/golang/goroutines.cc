#include "golang/goroutines.h"

#include "golang/pointer_slices.h"
#include "golang/release_data.h"

namespace abiscope::golang {

namespace {

constexpr std::uint32_t scan_bit = 0x1000;         // _Gscan
constexpr std::uint64_t most_stack = std::uint64_t{1} << 31;
constexpr std::uint64_t most_goroutines = std::uint64_t{1} << 26;

}  // namespace

std::optional<GoroutineReader> GoroutineReader::make(const Memory& memory, Release release, std::string_view architecture) {
    auto g = struct_layout("runtime.g", release, architecture);
    auto gobuf = struct_layout("runtime.gobuf", release, architecture);
    if (!g || !gobuf) return std::nullopt;
    GoroutineReader out(memory, release);
    out.size_ = g->size();
    bool whole = true;
    auto place = [&](const StructLayout& layout, std::string_view name) {
        auto found = layout.field(name);
        whole = whole && found;
        return found ? found->offset : 0;
    };
    auto maybe = [](const StructLayout& layout, std::string_view name) -> std::optional<std::uint64_t> {
        auto found = layout.field(name);
        return found ? std::optional(found->offset) : std::nullopt;
    };
    Offsets& at = out.at_;
    at.stack = place(*g, "stack");
    at.saved = place(*g, "sched");
    at.status = place(*g, "atomicstatus");
    at.id = place(*g, "goid");
    at.reason = place(*g, "waitreason");
    at.since = place(*g, "waitsince");
    at.syscall_pc = place(*g, "syscallpc");
    at.syscall_sp = place(*g, "syscallsp");
    at.created_at = place(*g, "gopc");
    at.start = place(*g, "startpc");
    at.machine = place(*g, "m");
    at.waiting = place(*g, "waiting");
    at.signal = place(*g, "sig");
    at.code0 = place(*g, "sigcode0");
    at.code1 = place(*g, "sigcode1");
    at.signal_pc = place(*g, "sigpc");
    at.sp = at.saved + place(*gobuf, "sp");
    at.pc = at.saved + place(*gobuf, "pc");
    at.syscall_bp = maybe(*g, "syscallbp");
    at.created_by = maybe(*g, "parentGoid");
    at.lr = maybe(*gobuf, "lr");
    at.bp = maybe(*gobuf, "bp");
    if (!whole) return std::nullopt;
    return out;
}

std::optional<Goroutine> GoroutineReader::read(std::uint64_t address) const {
    if (!memory_->bytes(address, size_)) return std::nullopt;
    auto u32 = [&](std::uint64_t offset) { return memory_->integer<std::uint32_t>(address + offset).value_or(0); };
    auto u64 = [&](std::uint64_t offset) { return memory_->integer<std::uint64_t>(address + offset).value_or(0); };
    Goroutine out;
    out.address = address;
    out.id = u64(at_.id);
    out.stack = {word(address + at_.stack), word(address + at_.stack + memory_->word())};
    std::uint32_t status = u32(at_.status);
    out.scanned = (status & scan_bit) != 0;
    out.status = status & ~scan_bit;
    out.status_name = golang::name_of(NameKind::goroutine_status, release_, out.status).value_or(std::string_view());
    if (out.status_name == "waiting") {
        std::uint8_t reason = memory_->integer<std::uint8_t>(address + at_.reason).value_or(0);
        out.wait_reason = golang::name_of(NameKind::wait_reason, release_, reason).value_or(std::string_view());
    }
    out.wait_since = u64(at_.since);
    out.saved.sp = word(address + at_.sp);
    out.saved.pc = word(address + at_.pc);
    if (at_.lr) out.saved.lr = word(address + at_.saved + *at_.lr);
    if (at_.bp) out.saved.bp = word(address + at_.saved + *at_.bp);
    out.syscall_pc = word(address + at_.syscall_pc);
    out.syscall_sp = word(address + at_.syscall_sp);
    if (at_.syscall_bp) out.syscall_bp = word(address + *at_.syscall_bp);
    out.created_at = word(address + at_.created_at);
    out.start = word(address + at_.start);
    if (at_.created_by) out.created_by = u64(*at_.created_by);
    out.machine = word(address + at_.machine);
    out.waiting_on = word(address + at_.waiting);
    out.signal = u32(at_.signal);
    out.signal_code0 = word(address + at_.code0);
    out.signal_code1 = word(address + at_.code1);
    out.signal_pc = word(address + at_.signal_pc);
    return out;
}

bool GoroutineReader::looks_like_goroutine(std::uint64_t address) const {
    if (address == 0 || address % memory_->word() != 0 || !memory_->bytes(address, size_)) return false;
    std::uint64_t low = word(address + at_.stack), high = word(address + at_.stack + memory_->word());
    std::uint32_t status = memory_->integer<std::uint32_t>(address + at_.status).value_or(0) & ~scan_bit;
    if (!golang::name_of(NameKind::goroutine_status, release_, status)) return false;
    std::uint64_t id = memory_->integer<std::uint64_t>(address + at_.id).value_or(0);
    if (id > most_goroutines << 16) return false;
    // A dead goroutine has given its stack back.
    if (low == 0 && high == 0) return golang::name_of(NameKind::goroutine_status, release_, status) == "dead";
    if (low >= high || high - low > most_stack) return false;
    std::uint64_t sp = word(address + at_.sp);
    return sp == 0 || (sp >= low && sp <= high);
}

std::vector<std::uint64_t> GoroutineReader::find_all(const Module& module) const {
    return longest_pointer_slice(*memory_, module, most_goroutines, [&](std::uint64_t one) { return looks_like_goroutine(one); });
}

}  // namespace abiscope::golang
