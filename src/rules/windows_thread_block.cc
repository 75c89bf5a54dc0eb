#include "rules/windows_thread_block.h"

#include "base/names.h"

namespace abiscope::rules {

namespace {

// Microsoft, winternl.h and ntdll's public symbols (_TEB); Wine, include/winternl.h.
constexpr Name fields[] = {
    {0x00, "NtTib.ExceptionList"},
    {0x08, "NtTib.StackBase"},
    {0x10, "NtTib.StackLimit"},
    {0x18, "NtTib.SubSystemTib"},
    {0x20, "NtTib.FiberData"},
    {0x28, "NtTib.ArbitraryUserPointer"},
    {0x30, "NtTib.Self"},
    {0x38, "EnvironmentPointer"},
    {0x40, "ClientId.UniqueProcess"},
    {0x48, "ClientId.UniqueThread"},
    {0x50, "ActiveRpcHandle"},
    {0x58, "ThreadLocalStoragePointer"},
    {0x60, "ProcessEnvironmentBlock"},
    {0x68, "LastErrorValue"},
    {0x6c, "CountOfOwnedCriticalSections"},
    {0x108, "CurrentLocale"},
    {0x1250, "LastStatusValue"},
    {0x1478, "DeallocationStack"},
    {0x1480, "TlsSlots"},
    {0x1780, "TlsExpansionSlots"},
};

constexpr Name narrow_fields[] = {
    {0x00, "NtTib.ExceptionList"},
    {0x04, "NtTib.StackBase"},
    {0x08, "NtTib.StackLimit"},
    {0x0c, "NtTib.SubSystemTib"},
    {0x10, "NtTib.FiberData"},
    {0x14, "NtTib.ArbitraryUserPointer"},
    {0x18, "NtTib.Self"},
    {0x1c, "EnvironmentPointer"},
    {0x20, "ClientId.UniqueProcess"},
    {0x24, "ClientId.UniqueThread"},
    {0x28, "ActiveRpcHandle"},
    {0x2c, "ThreadLocalStoragePointer"},
    {0x30, "ProcessEnvironmentBlock"},
    {0x34, "LastErrorValue"},
    {0x38, "CountOfOwnedCriticalSections"},
    {0xc4, "CurrentLocale"},
    {0xbf4, "LastStatusValue"},
    {0xe0c, "DeallocationStack"},
    {0xe10, "TlsSlots"},
    {0xf94, "TlsExpansionSlots"},
};

}  // namespace

std::string_view thread_block_field(std::uint64_t offset, bool wide) {
    return (wide ? find_name(fields, offset) : find_name(narrow_fields, offset)).value_or("");
}

}  // namespace abiscope::rules
