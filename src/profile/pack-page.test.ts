import { expect, test } from 'vitest';
import { pageWithProfile, profileInPage } from './pack-page.ts';

const TEMPLATE = `<title>profile</title><div id="app"></div>
<!--profile-->
<script>const begin = '<script type="text/plain" id="profile-pack">';<\\/script>`;

test('what was put into a page is found in it, whatever it says and whatever its script says', () => {
  const facts = { name: '</script><script>alert(1)//', list: ['<!--', '$&', '$1'] };
  const page = pageWithProfile(TEMPLATE, 'H4sIAAA+/w==', 'a <b> & "c" $&', facts);
  expect(page).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot; $&amp;</title>');
  expect(page).not.toContain('alert(1)</');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(profileInPage(page)).toEqual({ base64: 'H4sIAAA+/w==', facts });
});

test('a page of somebody else holds none, and none is put into it', () => {
  expect(profileInPage('<html>hello</html>')).toBeNull();
  expect(profileInPage('<script type="application/json" id="profile-facts">{</script>')).toBeNull();
  expect(() => pageWithProfile('<html></html>', '', '', null)).toThrow('no place for a profile');
  expect(() => pageWithProfile(TEMPLATE, '"><script>', '', null)).toThrow('no place for a profile');
});
