// The version resource: what Explorer shows under "Details". Source: Windows SDK, VS_VERSIONINFO, VS_FIXEDFILEINFO, StringFileInfo.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"

namespace abiscope::pe {

struct VersionString {
    std::string key;               // "ProductName"
    std::string value;
};

struct VersionStringTable {
    std::string language;          // eight hexadecimal digits: language and code page, "040904b0"
    std::vector<VersionString> strings;
};

struct VersionInfo {
    bool has_fixed = false;        // the fields up to `strings` mean something
    std::array<std::uint16_t, 4> file_version{};
    std::array<std::uint16_t, 4> product_version{};
    std::uint32_t flags_mask = 0;
    std::uint32_t flags = 0;       // VS_FF_DEBUG 1, VS_FF_PRERELEASE 2 ...
    std::uint32_t os = 0;
    std::uint32_t type = 0;        // 1 application, 2 DLL, 3 driver
    std::uint32_t subtype = 0;
    std::vector<VersionStringTable> strings;
    std::vector<std::uint32_t> translations;   // language in the low half, code page in the high half

    // The value of that key in the first table that has it.
    [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
};

// `data` of a resource of type RT_VERSION.
[[nodiscard]] Result<VersionInfo> read_version_info(View data);

}  // namespace abiscope::pe
