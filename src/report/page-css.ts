/**
 * @module report/page-css
 *
 * The style of a page: one column of reading width, tables with rules and no boxes, colours from the theme.
 */
import { FIGURE_CSS, themeCss } from './theme.js';

const SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif';
const MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace';

/** All rules, without line breaks. */
export const PAGE_CSS = [
  themeCss(':root'),
  FIGURE_CSS,
  '*{box-sizing:border-box}',
  `body{margin:0 auto;max-width:61rem;padding:2.5rem 1.25rem 4rem;background:var(--fim-ground);color:var(--fim-ink);font:16px/1.55 ${SANS};font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}`,
  'h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .75rem;letter-spacing:-.01em;overflow-wrap:anywhere}',
  'h2{font-size:1.25rem;line-height:1.3;margin:0 0 .75rem;letter-spacing:-.005em}',
  'h3{font-size:1rem;margin:1.75rem 0 .5rem}',
  'p{margin:.5rem 0 .9rem}',
  'section{margin-top:2.75rem;padding-top:1.5rem;border-top:1px solid var(--fim-grid)}',
  'a{color:var(--fim-series1);text-underline-offset:.15em}',
  'small,figcaption,footer,.muted{color:var(--fim-muted);font-size:.875rem}',
  '.kicker{margin:0;color:var(--fim-muted);font-size:.875rem}',
  'nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;margin:1.25rem 0 0;padding:0;font-size:.9rem}',
  `code,pre,.code{font-family:${MONO};font-size:.86em;font-variant-ligatures:none}`,
  'pre{margin:.75rem 0;padding:.75rem 1rem;background:var(--fim-surface);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}',
  '.scroll{overflow-x:auto}',
  'table{border-collapse:collapse;width:100%;font-size:.9rem}',
  'caption{text-align:left;color:var(--fim-muted);font-size:.875rem;padding-bottom:.4rem}',
  'th,td{padding:.38rem .9rem .38rem 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--fim-grid);white-space:nowrap}',
  'th:last-child,td:last-child{padding-right:0}',
  'td.wrap,th.wrap{white-space:normal;min-width:12rem}',
  '.chip{display:inline-block;padding:.02rem .6rem;border:1px solid currentColor;border-radius:1rem;font-size:.8rem}',
  '.chip.good{color:var(--fim-series3)}.chip.partly{color:var(--fim-warning)}.chip.bad{color:var(--fim-series2)}.chip.none{color:var(--fim-muted)}',
  '.heat td{background:color-mix(in srgb,var(--fim-series1) calc(var(--heat,0)*1%),transparent);padding:.38rem .6rem}',
  'summary{cursor:pointer}',
  'thead th{color:var(--fim-muted);font-weight:600;border-bottom:1px solid var(--fim-axis)}',
  'tbody th{font-weight:400}',
  'thead .code{font:inherit;font-weight:600}',
  '.number{text-align:right}',
  'figure{margin:1rem 0 1.5rem}',
  'figure svg{display:block;width:100%;min-width:34rem;height:auto}',
  'section>p{max-width:46rem}',
  'figcaption{margin-top:.4rem}',
  '.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:0 2rem;margin:0;font-size:.9rem}',
  '.facts div{padding:.4rem 0;border-bottom:1px solid var(--fim-grid);min-width:0}',
  '.facts dt{color:var(--fim-muted)}',
  '.facts dd{margin:0;overflow-wrap:anywhere}.facts small{display:block}',
  '.headline{display:flex;flex-wrap:wrap;align-items:flex-end;gap:1.25rem 3rem;margin:1.5rem 0 0;padding:1.25rem 1.5rem;background:var(--fim-surface);border-radius:8px}',
  '.headline p{margin:0}',
  '.headline .big{font-size:2.3rem;line-height:1.15;font-weight:600;letter-spacing:-.02em;white-space:nowrap}',
  '.headline .big span{font-weight:400;color:var(--fim-muted)}',
  '.warnings{margin:1.5rem 0 0;padding:.9rem 1.25rem;background:var(--fim-warning-ground);border:1px solid var(--fim-warning-edge);border-radius:8px}',
  '.warnings p{margin:0;color:var(--fim-warning)}',
  '.warnings ul{margin:.3rem 0 0;padding-left:1.2rem}',
  '.pair figure svg{min-width:0}',
  '.pictures{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}',
  '.pictures figure{width:17rem;margin:0 0 .5rem}.pictures figure svg{min-width:0;width:16rem}',
  '.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 2.5rem}',
  'footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--fim-grid)}',
  '.narrow{display:none}',
  '@media screen and (max-width:40rem){body{padding:1.25rem 1rem 3rem}h1{font-size:1.5rem}.wide,.extra{display:none}.narrow{display:block}.narrow svg{min-width:0}.headline{padding:1rem}.headline .big{font-size:1.8rem}.facts{grid-template-columns:1fr}.pair{grid-template-columns:1fr}th.code,td.code{white-space:normal;overflow-wrap:anywhere;min-width:7.5rem}thead th{white-space:normal}th,td{padding-right:.6rem}}',
  '@media print{body{max-width:none;padding:0}nav{display:none}section{break-inside:avoid-page}}',
].join('');
