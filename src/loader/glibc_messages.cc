#include "loader/glibc_messages.h"

#include <cerrno>

#include <fmt/format.h>

namespace abiscope::loader::glibc_text {

std::string error_text(int error) {
    switch (error) {
        case ENOMEM: return "Cannot allocate memory";
        case EINVAL: return "Invalid argument";
        case ENOENT: return "No such file or directory";
        case EPERM: return "Operation not permitted";
        case EIO: return "Input/output error";
        case EACCES: return "Permission denied";
        default: return fmt::format("Error {}", error);
    }
}

std::string load_error(std::string_view program, std::string_view object, std::string_view reason, int error) {
    return fmt::format("{}: error while loading shared libraries: {}{}{}{}{}", program, object, object.empty() ? "" : ": ", reason,
                       error == 0 ? "" : ": ", error == 0 ? std::string() : error_text(error));
}

std::string version_missing(std::string_view program, std::string_view provider, std::string_view version, std::string_view by, bool weak) {
    return fmt::format("{}: {}: {}version `{}' not found (required by {})", program, provider, weak ? "weak " : "", version, by);
}

std::string version_information_missing(std::string_view program, std::string_view provider, std::string_view by) {
    return fmt::format("{}: {}: no version information available (required by {})", program, provider, by);
}

std::string symbol_missing(std::string_view program, std::string_view object, std::string_view symbol, std::string_view version) {
    return fmt::format("{}: symbol lookup error: {}: undefined symbol: {}{}{}", program, object, symbol,
                       version.empty() ? "" : ", version ", version);
}

std::string versioned_symbol_missing(const Version& libc, std::string_view program, std::string_view object, std::string_view symbol,
                                     std::string_view version, std::string_view file) {
    std::string_view comma = libc < Version{2, 18} ? "," : "";
    return fmt::format("{}: relocation error: {}: symbol {}{} version {} not defined in file {} with link time reference", program, object,
                       symbol, comma, version, file);
}

std::string preload_ignored(std::string_view object, std::string_view list, std::string_view reason) {
    return fmt::format("ERROR: ld.so: object '{}' from {} cannot be preloaded ({}): ignored.", object, list, reason);
}

std::string audit_ignored(std::string_view object, std::string_view reason) {
    return fmt::format("ERROR: ld.so: object '{}' cannot be loaded as audit interface: {}; ignored.", object, reason);
}

std::string copy_size(std::string_view program, std::string_view symbol, bool riscv) {
    return fmt::format("{}{}: Symbol `{}' has different size in shared object, consider re-linking", riscv ? "  " : "", program, symbol);
}

std::string copy_protected(std::string_view symbol, std::string_view provider) {
    return fmt::format("warning: copy relocation against non-copyable protected symbol `{}' in `{}'", symbol, provider);
}

std::string direct_protected(std::string_view symbol, std::string_view provider) {
    return fmt::format("warning: direct reference to protected function `{}' in `{}' may break pointer equality", symbol, provider);
}

std::string isa_needed(std::string_view object) { return fmt::format("{}: CPU ISA level is lower than required", object); }

std::string cpu_too_old(std::uint32_t level) { return fmt::format("Fatal glibc error: CPU does not support x86-64-v{}", level); }

std::string assertion(std::string_view file, std::uint32_t line, std::string_view function, std::string_view condition) {
    return fmt::format("Inconsistency detected by ld.so: {}: {}: {}: Assertion `{}' failed!", file, line, function, condition);
}

std::string bad_relocation(std::uint32_t type, bool plt, bool wide) {
    return fmt::format("unexpected {}reloc type 0x{}", plt ? "PLT " : "",
                       wide && type > 0xff ? fmt::format("{:08x}", type) : fmt::format("{:02x}", type & 0xff));
}

std::string ifunc_in_program(std::string_view program, std::string_view symbol, std::string_view object) {
    return fmt::format(
        "{}: IFUNC symbol '{}' referenced in '{}' is defined in the executable and creates an unsatisfiable circular dependency.", program,
        symbol, object);
}

std::string ifunc_relink(std::string_view program, std::string_view object, std::string_view provider, std::string_view symbol) {
    return fmt::format("{}: Relink `{}' with `{}' for IFUNC symbol `{}'", program, object, provider, symbol);
}

}  // namespace abiscope::loader::glibc_text
