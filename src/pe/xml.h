// As much of XML as application manifests use: elements, attributes, text, comments, CDATA, the five entities and numeric ones. No
// document types, no name spaces (prefixes are dropped). One pass, nothing kept but what the caller is looking at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace abiscope::pe {

struct XmlAttribute {
    std::string_view name;         // without prefix
    std::string value;             // entities decoded
};

enum class XmlEvent : std::uint8_t { start, end, text, finished };

class XmlScan {
public:
    explicit XmlScan(std::string_view text) : text_(text) {}

    // An element written <x/> gives start and end.
    [[nodiscard]] Result<XmlEvent> next();

    // Of the element that starts or ends; without prefix.
    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] const std::string* attribute(std::string_view name) const;
    [[nodiscard]] const std::string& content() const { return content_; }   // of a text event

private:
    Result<XmlEvent> markup();
    Result<XmlEvent> open_tag();
    Result<void> attribute_value();
    void skip_space();
    std::string_view take_name();
    [[nodiscard]] std::unexpected<Error> broken(std::string what) const;

    std::string_view text_;
    std::size_t at_ = 0;
    std::string_view name_;
    std::vector<XmlAttribute> attributes_;
    std::string content_;
    bool close_pending_ = false;
};

}  // namespace abiscope::pe
