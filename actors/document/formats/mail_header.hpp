#pragma once
// Header fields of mail as readable text, by ICU (the converters of iconv are files).
#include <string>
#include <string_view>

namespace graphrag::document::formats {

// Unfolds the lines and decodes encoded words: =?utf-8?B?...?= and =?iso-8859-1?Q?...?=.
std::string decode_mail_header(std::string_view raw);

} // namespace graphrag::document::formats
