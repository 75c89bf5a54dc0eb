#include "pe/xml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "bytes/view.h"
#include "pe/utf16.h"

namespace abiscope::pe {

namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::string_view name_end = " \t\r\n/>=<\"'";

constexpr auto entities =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}});

std::optional<std::string> numeric_entity(std::string_view digits) {
    int base = 10;
    if (digits.starts_with('x')) {
        base = 16;
        digits.remove_prefix(1);
    }
    std::uint32_t code = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
    if (error != std::errc{} || end != digits.data() + digits.size() || code > 0x10ffff) return std::nullopt;
    std::string out;
    append_utf8(out, code);
    return out;
}

// An entity that is not known stays as it is written.
std::string decode(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t ampersand = text.find('&');
        out += text.substr(0, ampersand);
        if (ampersand == std::string_view::npos) break;
        text.remove_prefix(ampersand);
        // No entity is longer than "&#x10FFFF;".
        std::size_t end = text.substr(0, 12).find(';');
        std::string_view name = end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
        std::optional<std::string> value;
        if (name.starts_with('#')) value = numeric_entity(name.substr(1));
        for (const auto& [known, character] : entities) {
            if (name == known) value = character;
        }
        out += value.value_or("&");
        text.remove_prefix(value ? end + 1 : 1);
    }
    return out;
}

std::string_view without_prefix(std::string_view name) {
    std::size_t colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

std::unexpected<Error> XmlScan::broken(std::string what) const { return fail(ErrorCode::bad_value, std::move(what), at_); }

void XmlScan::skip_space() { at_ = std::min(text_.find_first_not_of(space, at_), text_.size()); }

std::string_view XmlScan::take_name() {
    std::size_t end = std::min(text_.find_first_of(name_end, at_), text_.size());
    std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    return without_prefix(name);
}

const std::string* XmlScan::attribute(std::string_view name) const {
    for (const XmlAttribute& candidate : attributes_) {
        if (candidate.name == name) return &candidate.value;
    }
    return nullptr;
}

Result<XmlEvent> XmlScan::next() {
    if (std::exchange(close_pending_, false)) return XmlEvent::end;
    if (at_ >= text_.size()) return XmlEvent::finished;
    if (text_[at_] == '<') return markup();
    std::size_t end = std::min(text_.find('<', at_), text_.size());
    content_ = decode(text_.substr(at_, end - at_));
    at_ = end;
    return XmlEvent::text;
}

Result<XmlEvent> XmlScan::markup() {
    struct Skipped {
        std::string_view open;
        std::string_view close;
        bool text;
    };
    constexpr auto kinds =
        std::to_array<Skipped>({{"<!--", "-->", false}, {"<![CDATA[", "]]>", true}, {"<?", "?>", false}, {"<!", ">", false}});
    std::string_view rest = text_.substr(at_);
    for (const Skipped& kind : kinds) {
        if (!rest.starts_with(kind.open)) continue;
        std::size_t end = rest.find(kind.close, kind.open.size());
        if (end == std::string_view::npos) return broken("markup without an end");
        content_ = kind.text ? std::string(rest.substr(kind.open.size(), end - kind.open.size())) : std::string();
        at_ += end + kind.close.size();
        return XmlEvent::text;
    }
    if (!rest.starts_with("</")) return open_tag();
    at_ += 2;
    name_ = take_name();
    skip_space();
    if (at_ >= text_.size() || text_[at_] != '>') return broken("an end tag without '>'");
    ++at_;
    return XmlEvent::end;
}

Result<XmlEvent> XmlScan::open_tag() {
    ++at_;
    name_ = take_name();
    attributes_.clear();
    if (name_.empty()) return broken("a tag without a name");
    for (;;) {
        skip_space();
        if (at_ >= text_.size()) return broken("a tag without '>'");
        if (text_[at_] == '>') {
            ++at_;
            return XmlEvent::start;
        }
        if (text_.substr(at_).starts_with("/>")) {
            at_ += 2;
            close_pending_ = true;
            return XmlEvent::start;
        }
        ABISCOPE_CHECK(attribute_value());
    }
}

Result<void> XmlScan::attribute_value() {
    std::string_view name = take_name();
    skip_space();
    if (name.empty() || at_ >= text_.size() || text_[at_] != '=') return broken("an attribute without a value");
    ++at_;
    skip_space();
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return broken("an attribute value without quotes");
    std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) return broken("an attribute value without an end");
    attributes_.push_back({.name = name, .value = decode(text_.substr(at_ + 1, end - at_ - 1))});
    at_ = end + 1;
    return {};
}

}  // namespace abiscope::pe
