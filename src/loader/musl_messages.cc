#include "loader/musl_messages.h"

#include <cerrno>

#include <fmt/format.h>

namespace abiscope::loader::musl {

namespace {

struct ErrorText {
    int error;
    std::string_view name;
    std::string_view text;
};

// Those that open(), read(), mmap() and mprotect() can give. Source: src/errno/__strerror.h, the same in 1.2.2 and 1.2.5.
constexpr ErrorText error_texts[] = {
    {0, "", "No error information"},
    {EPERM, "EPERM", "Operation not permitted"},
    {ENOENT, "ENOENT", "No such file or directory"},
    {EINTR, "EINTR", "Interrupted system call"},
    {EIO, "EIO", "I/O error"},
    {ENXIO, "ENXIO", "No such device or address"},
    {EAGAIN, "EAGAIN", "Resource temporarily unavailable"},
    {ENOMEM, "ENOMEM", "Out of memory"},
    {EACCES, "EACCES", "Permission denied"},
    {EFAULT, "EFAULT", "Bad address"},
    {EBUSY, "EBUSY", "Resource busy"},
    {EEXIST, "EEXIST", "File exists"},
    {ENODEV, "ENODEV", "No such device"},
    {ENOTDIR, "ENOTDIR", "Not a directory"},
    {EISDIR, "EISDIR", "Is a directory"},
    {EINVAL, "EINVAL", "Invalid argument"},
    {ENFILE, "ENFILE", "Too many open files in system"},
    {EMFILE, "EMFILE", "No file descriptors available"},
    {ETXTBSY, "ETXTBSY", "Text file busy"},
    {EFBIG, "EFBIG", "File too large"},
    {ENOEXEC, "ENOEXEC", "Exec format error"},
    {ENAMETOOLONG, "ENAMETOOLONG", "Filename too long"},
    {ELOOP, "ELOOP", "Symbolic link loop"},
    {EOVERFLOW, "EOVERFLOW", "Value too large for data type"},
    {ESTALE, "ESTALE", "Stale file handle"},
};

const ErrorText& look_up(int error) {
    for (const ErrorText& entry : error_texts) {
        if (entry.error == error) return entry;
    }
    return error_texts[0];
}

}  // namespace

std::string_view error_text(int error) { return look_up(error).text; }
std::string_view error_name(int error) { return look_up(error).name; }

std::string library_line(std::string_view library, int error, std::string_view needed_by) {
    return fmt::format("Error loading shared library {}: {} (needed by {})", library, error_text(error), needed_by);
}

std::string symbol_line(std::string_view object, std::string_view symbol) {
    return fmt::format("Error relocating {}: {}: symbol not found", object, symbol);
}

std::string relocation_type_line(std::string_view object, std::uint32_t type) {
    return fmt::format("Error relocating {}: unsupported relocation type {}", object, type);
}

std::string relro_line(std::string_view object, int error) {
    return fmt::format("Error relocating {}: RELRO protection failed: {}", object, error_text(error));
}

}  // namespace abiscope::loader::musl
