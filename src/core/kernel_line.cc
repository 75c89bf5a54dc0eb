// The forms are those of Linux: show_signal_msg() in arch/x86/mm/fault.c, show_signal() and print_vma_addr() (mm/memory.c; lately with the
// offset in the file), show_opcodes() in arch/x86/kernel/dumpstack.c, arm64_show_signal() in arch/arm64/kernel/traps.c and, until 4.16,
// __do_user_fault() in arch/arm64/mm/fault.c.
#include "core/kernel_line.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace abiscope::core {

namespace {

constexpr std::size_t most_lines = 1000;
constexpr std::size_t most_code = 256;

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

std::optional<std::uint64_t> take_number(std::string_view& text, int base = 16) {
    std::string_view rest = text;
    if (base == 16) take(rest, "0x");
    std::uint64_t value = 0;
    auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
    if (failed != std::errc()) return std::nullopt;
    text = rest.substr(static_cast<std::size_t>(end - rest.data()));
    return value;
}

// "<6>[   12.345678][ T123] ", "Nov 27 01:02:03 host kernel: "
std::string_view without_prefix(std::string_view line) {
    // A program may be called anything: only what stands in front of all else is the log's.
    constexpr std::string_view marker = " kernel: ";
    if (std::size_t at = line.find(marker); at != std::string_view::npos) line.remove_prefix(at + marker.size());
    for (;;) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (!line.starts_with('[') && !line.starts_with('<')) break;
        std::size_t end = line.find(line.front() == '[' ? ']' : '>');
        if (end > 32) break;   // npos, too
        line.remove_prefix(end + 1);
    }
    take(line, "kernel: ");
    take(line, "traps: ");
    return line;
}

// "name[123]" at the end of `text`.
bool read_process(std::string_view text, KernelLine& out) {
    if (!text.ends_with(']')) return false;
    std::size_t open = text.rfind('[');
    if (open == std::string_view::npos || open == 0) return false;
    std::string_view number = text.substr(open + 1);
    auto pid = take_number(number, 10);
    if (!pid || number != "]" || *pid > 0xffffffff) return false;
    out.name = text.substr(0, open);
    out.pid = static_cast<std::uint32_t>(*pid);
    return true;
}

// " in app[1699,401000+79000] likely on CPU 1 (core 1, socket 0)"
void read_place(std::string_view rest, KernelLine& out) {
    constexpr std::string_view likely = " likely on CPU ";
    if (std::size_t at = rest.rfind(likely); at != std::string_view::npos) {
        std::string_view number = rest.substr(at + likely.size());
        if (auto cpu = take_number(number, 10); cpu && *cpu <= 0xffffffff) out.cpu = static_cast<std::uint32_t>(*cpu);
        rest = rest.substr(0, at);
    }
    rest = text::trim(rest);
    take(rest, "in ");
    std::size_t open = rest.rfind('[');
    if (open == std::string_view::npos || !rest.ends_with(']')) return;
    std::string_view numbers = rest.substr(open + 1);
    auto first = take_number(numbers);
    if (!first) return;
    std::optional<std::uint64_t> offset;
    if (take(numbers, ",")) {
        offset = first;
        first = take_number(numbers);
    }
    if (!first || !take(numbers, "+")) return;
    auto size = take_number(numbers);
    if (!size || numbers != "]") return;
    out.module = rest.substr(0, open);
    out.module_start = *first;
    out.module_size = *size;
    out.file_offset = offset;
}

bool read_page_fault(std::string_view line, KernelLine& out) {
    constexpr std::string_view marker = ": segfault at ";
    std::size_t at = line.find(marker);
    if (at == std::string_view::npos || !read_process(line.substr(0, at), out)) return false;
    out.kind = LineKind::x86_page_fault;
    out.what = "segfault";
    std::string_view rest = line.substr(at + marker.size());
    out.address = take_number(rest);
    if (!out.address || !take(rest, " ip ")) return false;
    out.pc = take_number(rest);
    if (!out.pc || !take(rest, " sp ")) return false;
    out.sp = take_number(rest);
    if (!out.sp || !take(rest, " error ")) return false;
    auto error = take_number(rest);
    if (!error) return false;
    out.error = *error;
    read_place(rest, out);
    return true;
}

bool read_trap(std::string_view line, KernelLine& out) {
    std::size_t at = line.find(" ip:");
    if (at == std::string_view::npos) return false;
    std::string_view head = line.substr(0, at);
    std::size_t end = head.rfind("] ");
    if (end == std::string_view::npos || !read_process(head.substr(0, end + 1), out)) return false;
    out.kind = LineKind::x86_trap;
    out.what = head.substr(end + 2);
    std::string_view rest = line.substr(at + 4);
    out.pc = take_number(rest);
    if (!out.pc || !take(rest, " sp:")) return false;
    out.sp = take_number(rest);
    if (!out.sp || !take(rest, " error:")) return false;
    auto error = take_number(rest);
    if (!error) return false;
    out.error = *error;
    read_place(rest, out);
    return true;
}

bool read_arm64(std::string_view line, KernelLine& out) {
    constexpr std::string_view marker = ": unhandled ";
    std::size_t at = line.find(marker);
    if (at == std::string_view::npos || !read_process(line.substr(0, at), out)) return false;
    out.kind = LineKind::arm64;
    std::string_view rest = line.substr(at + marker.size());
    auto behind = [&](std::string_view word) {
        std::size_t place = rest.find(word);
        std::string_view number = place == std::string_view::npos ? std::string_view() : rest.substr(place + word.size());
        return take_number(number);
    };
    if (take(rest, "exception: ")) {
        auto esr = behind("ESR ");
        if (!esr) return false;
        out.error = *esr;
        rest.remove_prefix(rest.find("ESR "));
        rest.remove_prefix(std::min(rest.find(", "), rest.size()));
        take(rest, ", ");
        std::size_t in = rest.rfind(" in ");
        out.what = rest.substr(0, in);
        if (in != std::string_view::npos) read_place(rest.substr(in), out);
        return true;
    }
    out.address = behind(" at ");
    auto esr = behind("esr ");
    if (!out.address || !esr) return false;
    out.error = *esr;
    out.what = rest.substr(0, std::min(rest.find(" ("), rest.find(" at ")));
    if (std::size_t in = rest.rfind(" in "); in != std::string_view::npos) read_place(rest.substr(in), out);
    return true;
}

// "Code: 48 8b 45 f8 <8b> 40 18": the byte in brackets is the one at the program counter.
void read_code(std::string_view text, KernelLine& out) {
    std::vector<std::byte> bytes;
    std::optional<std::size_t> marked;
    for (std::string_view word : text::split(text, " \t\r")) {
        if (word.empty()) continue;
        bool mark = word.starts_with('<') && word.ends_with('>');
        if (mark) word = word.substr(1, word.size() - 2);
        auto value = word.size() == 2 ? take_number(word) : std::nullopt;
        if (!value || !word.empty() || bytes.size() >= most_code) return;
        if (mark) marked = bytes.size();
        bytes.push_back(static_cast<std::byte>(*value));
    }
    if (!marked) return;
    out.code = std::move(bytes);
    out.code_before = *marked;
}

}  // namespace

std::vector<KernelLine> read_kernel_lines(std::string_view log) {
    std::vector<KernelLine> out;
    for (std::string_view line : text::split(log, "\n")) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        std::string_view words = without_prefix(line);
        if (std::string_view code = words; take(code, "Code: ")) {
            if (!out.empty() && out.back().kind != LineKind::arm64 && out.back().code.empty()) read_code(code, out.back());
            continue;
        }
        if (std::string_view pc = words; !out.empty() && out.back().kind == LineKind::arm64 && !out.back().pc && take(pc, "pc : ")) {
            out.back().pc = take_number(pc);
            continue;
        }
        KernelLine one;
        if (!read_page_fault(words, one)) {
            one = {};
            if (!read_trap(words, one)) {
                one = {};
                if (!read_arm64(words, one)) continue;
            }
        }
        one.text = words;
        out.push_back(std::move(one));
        if (out.size() >= most_lines) break;
    }
    return out;
}

std::string page_fault_words(std::uint64_t error) {
    std::string out = (error & pf_fetch) != 0 ? "the fetch of an instruction from" : (error & pf_write) != 0 ? "a write to" : "a read of";
    out += (error & pf_protection) != 0 ? " a page that is there and does not allow it" : " a page that is not there";
    if ((error & pf_reserved) != 0) out += ", whose entry in the page table is damaged";
    if ((error & pf_key) != 0) out += ", by its protection key";
    if ((error & pf_shadow_stack) != 0) out += ", as shadow stack";
    if ((error & pf_sgx) != 0) out += ", by SGX";
    return out + ((error & pf_user) != 0 ? ", by the program itself" : ", by the kernel on its behalf");
}

}  // namespace abiscope::core
