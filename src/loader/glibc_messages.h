// The lines glibc's loader prints, word for word (elf/dl-error-skeleton.c, rtld.c, dl-load.c, dl-version.c, dl-lookup.c). Translations do
// not exist at start: the loader runs before the locale is set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loader/glibc_versions_table.h"

namespace abiscope::loader::glibc_text {

// Reasons that follow "error while loading shared libraries: OBJECT: "
inline constexpr std::string_view cannot_open = "cannot open shared object file";
inline constexpr std::string_view cannot_read = "cannot read file data";
inline constexpr std::string_view too_short = "file too short";
inline constexpr std::string_view invalid_header = "invalid ELF header";
inline constexpr std::string_view wrong_class_32 = "wrong ELF class: ELFCLASS32";
inline constexpr std::string_view wrong_class_64 = "wrong ELF class: ELFCLASS64";
inline constexpr std::string_view not_little_endian = "ELF file data encoding not little-endian";
inline constexpr std::string_view not_big_endian = "ELF file data encoding not big-endian";
inline constexpr std::string_view wrong_ident_version = "ELF file version ident does not match current one";
inline constexpr std::string_view wrong_os_abi = "ELF file OS ABI invalid";
inline constexpr std::string_view wrong_abi_version = "ELF file ABI version invalid";
inline constexpr std::string_view nonzero_padding = "nonzero padding in e_ident";
inline constexpr std::string_view internal_error = "internal error";
inline constexpr std::string_view wrong_version = "ELF file version does not match current one";
inline constexpr std::string_view wrong_type = "only ET_DYN and ET_EXEC can be loaded";
inline constexpr std::string_view wrong_phentsize = "ELF file's phentsize not the expected size";
inline constexpr std::string_view no_segments = "object file has no loadable segments";
inline constexpr std::string_view is_executable = "cannot dynamically load executable";
inline constexpr std::string_view is_pie = "cannot dynamically load position-independent executable";
inline constexpr std::string_view no_dynamic = "object file has no dynamic section";
inline constexpr std::string_view cannot_map = "failed to map segment from shared object";
inline constexpr std::string_view align_page = "ELF load command alignment not page-aligned";            // up to 2.34
inline constexpr std::string_view align_offset = "ELF load command address/offset not properly aligned"; // up to 2.34
inline constexpr std::string_view align_both = "ELF load command address/offset not page-aligned";       // from 2.35
inline constexpr std::string_view empty_dst = "empty dynamic string token substitution";
inline constexpr std::string_view secure_dst = "DST not allowed in SUID/SGID programs";
inline constexpr std::string_view relr_without_version = "DT_RELR without GLIBC_ABI_DT_RELR dependency";
inline constexpr std::string_view kernel_too_old = "FATAL: kernel too old";

// strerror as the loader has it: it knows six errors by name (elf/dl-minimal.c, __strerror_r).
[[nodiscard]] std::string error_text(int error);

// PROG: error while loading shared libraries: OBJECT: REASON: strerror   (OBJECT may be empty, error 0 prints nothing)
[[nodiscard]] std::string load_error(std::string_view program, std::string_view object, std::string_view reason, int error);
[[nodiscard]] std::string version_missing(std::string_view program, std::string_view provider, std::string_view version,
                                          std::string_view by, bool weak);
[[nodiscard]] std::string version_information_missing(std::string_view program, std::string_view provider, std::string_view by);
[[nodiscard]] std::string symbol_missing(std::string_view program, std::string_view object, std::string_view symbol,
                                         std::string_view version);
// Up to 2.29: a versioned symbol that is not in the file its version names.
[[nodiscard]] std::string versioned_symbol_missing(const Version& libc, std::string_view program, std::string_view object,
                                                   std::string_view symbol, std::string_view version, std::string_view file);
[[nodiscard]] std::string preload_ignored(std::string_view object, std::string_view list, std::string_view reason);
[[nodiscard]] std::string audit_ignored(std::string_view object, std::string_view reason);
[[nodiscard]] std::string copy_size(std::string_view program, std::string_view symbol, bool riscv);
[[nodiscard]] std::string copy_protected(std::string_view symbol, std::string_view provider);
[[nodiscard]] std::string direct_protected(std::string_view symbol, std::string_view provider);
[[nodiscard]] std::string isa_needed(std::string_view object);
[[nodiscard]] std::string cpu_too_old(std::uint32_t level);   // 2, 3 or 4
[[nodiscard]] std::string assertion(std::string_view file, std::uint32_t line, std::string_view function, std::string_view condition);
[[nodiscard]] std::string bad_relocation(std::uint32_t type, bool plt, bool wide);
[[nodiscard]] std::string ifunc_in_program(std::string_view program, std::string_view symbol, std::string_view object);
[[nodiscard]] std::string ifunc_relink(std::string_view program, std::string_view object, std::string_view provider,
                                       std::string_view symbol);

}  // namespace abiscope::loader::glibc_text
